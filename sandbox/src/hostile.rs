//! Guests that lie to the host: whatever crosses the boundary, the host stays whole and the verdict is a fault or one of
//! those that the host itself gives; never a pass that wasn't returned.

#![allow(clippy::unwrap_used, reason = "a test")]

use proptest::prelude::*;
use wasmtime::{Engine, Module};

use crate::guest::Guest;
use crate::memory::Memories;
use crate::{Limits, Outcome, Verdict, engine};

/// What a module imports, each with its parameters.
const IMPORTS: &str = r#"
    (import "phi" "write" (func $write (param i32 i32 i32)))
    (import "phi" "report" (func $report (param i32 i32 i32 i32 i32 i32 i32 i32 i32)))
    (import "phi" "deceived" (func $deceived (param i32 i32)))
    (import "phi" "exit" (func $exit (param i32)))
    (import "phi" "sleep" (func $sleep (param i64)))"#;

fn engine_for_tests() -> &'static Engine {
    static ENGINE: std::sync::OnceLock<Engine> = std::sync::OnceLock::new();
    ENGINE.get_or_init(|| engine::engine(1 << 20, &Memories::default()).unwrap())
}

/// Runs a module with two pages of memory whose `allocate` gives `address` and whose `run` is `body`.
fn judge(memory: &str, address: u32, body: &str) -> Outcome {
    let engine = engine_for_tests();
    let text = format!(
        "(module {IMPORTS} {memory}
            (func (export \"allocate\") (param i32) (result i32) i32.const {address})
            (func (export \"run\") (param i32 i32 i32 i32 i32) (result i32) {body}))"
    );
    let module = Module::new(engine, wat::parse_str(&text).unwrap()).unwrap();
    let guest = Guest::of_module(engine, &module).unwrap();
    guest.judge("solution", Some("test"), &Limits { fuel: 1_000_000, cpu_ms: 5_000, ..Limits::default() })
}

const MEMORY: &str = r#"(memory (export "memory") 2)"#;

fn constants(values: &[u32]) -> String {
    values.iter().map(|value| format!("i32.const {value} ")).collect()
}

/// Numbers near the edges of a memory of two pages, and any others.
fn number() -> impl Strategy<Value = u32> {
    prop_oneof![Just(0), 1..64u32, 131_000..131_200u32, Just(u32::MAX), Just(i32::MAX as u32), any::<u32>()]
}

/// Whether a piece of two pages lies within them.
fn inside(address: u32, length: u32) -> bool {
    u64::from(address) + u64::from(length) <= 131_072
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn sources_are_written_only_into_the_guests_memory(address in number()) {
        let outcome = judge(MEMORY, address, "i32.const 1");
        // The solution, which is the longer text, has eight bytes.
        prop_assert_eq!(outcome.verdict.passed(), inside(address, 8), "{:?}", outcome.verdict);
        prop_assert!(["passed", "fault"].contains(&outcome.verdict.name()));
    }

    #[test]
    fn output_is_read_only_from_the_guests_memory(stream in number(), address in number(), length in number()) {
        let outcome = judge(MEMORY, 0, &format!("{} call $write i32.const 1", constants(&[stream, address, length])));
        if inside(address, length) {
            prop_assert!(outcome.verdict.passed());
            prop_assert_eq!(outcome.stdout.len().max(outcome.stderr.len()) >= length as usize, true);
        } else {
            prop_assert_eq!(outcome.verdict.name(), "fault");
        }
    }

    #[test]
    fn a_report_never_passes(numbers in prop::collection::vec(number(), 9), returned in number()) {
        let body = format!("{} call $report i32.const {returned}", constants(&numbers));
        let outcome = judge(MEMORY, 0, &body);
        let pieces = numbers[..8].chunks(2).all(|piece| inside(piece[0], piece[1]));
        prop_assert_eq!(outcome.verdict.passed(), pieces && returned == 1);
        prop_assert!(pieces || outcome.verdict.name() == "fault");
    }

    #[test]
    fn ending_itself_never_passes(address in number(), length in number(), code in any::<i32>()) {
        let deceived = judge(MEMORY, 0, &format!("{} call $deceived i32.const 1", constants(&[address, length])));
        let name = if inside(address, length) { "failed" } else { "fault" };
        prop_assert_eq!(deceived.verdict.name(), name);
        let exited = judge(MEMORY, 0, &format!("i32.const {code} call $exit i32.const 1"));
        prop_assert_eq!(exited.verdict, Verdict::Exited { code });
    }

    #[test]
    fn sleeping_takes_fuel_and_nothing_else(nanoseconds in any::<u64>()) {
        let outcome = judge(MEMORY, 0, &format!("i64.const {nanoseconds} call $sleep i32.const 1"));
        // A million instructions are a tenth of a millisecond.
        let name = if nanoseconds < 99_000 { "passed" } else if nanoseconds > 100_000 { "fuel_exhausted" } else { return Ok(()) };
        prop_assert_eq!(outcome.verdict.name(), name);
    }
}

#[test]
fn only_the_number_one_passes() {
    for (returned, passes) in [(1, true), (0, false), (2, false), (u32::MAX, false), (257, false)] {
        assert_eq!(judge(MEMORY, 0, &format!("i32.const {returned}")).verdict.passed(), passes, "{returned}");
    }
}

#[test]
fn traps_and_loops_end_within_their_limits() {
    for (body, name) in [
        ("unreachable", "fault"),
        ("(loop $again br $again) i32.const 1", "fuel_exhausted"),
        ("i32.const 1 i32.const 0 i32.div_u", "fault"),
        ("i32.const -4 i32.load", "fault"),
        ("(drop (memory.grow (i32.const 60000))) i32.const 0", "failed"),
        ("i32.const 0 i32.const 0 i32.const 0 i32.const 0 i32.const 0 call 6", "stack_overflow"),
    ] {
        assert_eq!(judge(MEMORY, 0, body).verdict.name(), name, "{body}");
    }
}

#[test]
fn what_a_program_grew_is_gone_for_the_next_one() {
    let third_page = 131_072;
    let grow = format!(
        "(if (i32.ne (memory.grow (i32.const 1)) (i32.const 2)) (then unreachable))
         (if (i32.ne (i32.load (i32.const {third_page})) (i32.const 0)) (then unreachable))
         (i32.store (i32.const {third_page}) (i32.const 7)) i32.const 1"
    );
    for _ in 0..3 {
        assert!(judge(MEMORY, 0, &grow).verdict.passed());
        let read = judge(MEMORY, 0, &format!("(drop (i32.load (i32.const {third_page}))) i32.const 1"));
        assert_eq!(read.verdict.name(), "fault");
    }
}

#[test]
fn a_module_without_the_right_exports_is_a_fault() {
    let other = r#"(memory (export "another") 2)"#;
    let Verdict::Fault { reason } = judge(other, 0, "i32.const 1").verdict else { panic!("no fault") };
    assert!(reason.contains("memory"), "{reason}");
}

#[test]
fn a_memory_that_asks_for_more_than_its_limit_is_refused() {
    let verdict = judge(r#"(memory (export "memory") 20000)"#, 0, "i32.const 1").verdict;
    assert!(!verdict.passed(), "{verdict:?}");
}
