#![allow(unused)]
//! Promises of the configuration.
