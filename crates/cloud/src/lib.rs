//! Where images live: clouds.yaml and OS_*, Keystone, Glance.
