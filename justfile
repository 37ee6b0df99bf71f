# What a developer types. `just` alone lists it.

_list:
    @just --list

# Build the binary
build:
    cargo build

# Run all tests; with a lab also those that need one (ECTYPE_TEST_LAB)
test:
    cargo test --workspace

# Everything that CI runs
ci:
    .ci/run

# The benchmarks, on vendor-like images that are made once
bench:
    cargo build --profile dist
    [ -d target/bench-images ] || ../shared/images/make-images -o target/bench-images -p debian,ubuntu,rocky -f qcow2-zlib
    benches/digest target/bench-images/*.zlib.qcow2
    benches/convert target/bench-images/*.zlib.qcow2

# Fuzz one target, by default for a minute
fuzz target seconds="60":
    mkdir -p target/fuzz-found/{{target}}
    RUSTC_BOOTSTRAP=1 cargo fuzz run --sanitizer none {{target}} target/fuzz-found/{{target}} fuzz/corpus/{{target}} -- -max_total_time={{seconds}} -timeout=20 -rss_limit_mb=2048

# The main job on a small image, without a cloud
demo:
    cargo run --release -- demo

# The documentation of the crates and the manual pages
docs:
    cargo doc --no-deps --workspace
    cargo run -- man target/man

# Accept what the snapshots of help and errors have become
accept:
    INSTA_UPDATE=always cargo test --test front
