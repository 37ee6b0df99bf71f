//! The one HTTP client: timeouts, retries, TLS roots, proxies, resumable downloads.
