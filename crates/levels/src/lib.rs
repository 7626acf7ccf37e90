//! Security levels: what may stand at a level, collecting outputs safely, and the manifest.
