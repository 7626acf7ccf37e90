//! project.yaml: text in; a typed graph, or every error with its place, out.
