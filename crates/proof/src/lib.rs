//! Are they the same: verify and its verdicts.
