//! One job from start to end: stage, run, collect, record.
