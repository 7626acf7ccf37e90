//! What an image name such as python:latest means here.
