//! Room for recursion: the stack in linear memory, which an ordinary build leaves at 1 MiB.

fn main() {
    println!("cargo:rustc-link-arg=-zstack-size={}", 32 << 20);
}
