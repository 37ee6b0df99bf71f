//! The words of Glance v2 and Keystone v3: JSON types shared by client and server.
