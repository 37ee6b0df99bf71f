//! Faults of vendors: nothing in the cloud changes, and the alarm says why.
