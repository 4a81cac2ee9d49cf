//! Programs know nothing of one another, nor of the machine.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, reason = "a test")]

mod common;

use std::thread;

use common::{run, sandbox};
use phi_sandbox::{Limits, Python, Sandbox, Verdict};

#[test]
fn a_poisoned_interpreter_is_gone_with_its_program() {
    let poison = "import builtins, math, sys, random, collections\nbuiltins.len = lambda x: 42\nmath.pi = 3\nsys.modules['re'] = None\n\
        collections.Counter.most_common = None\nrandom.seed(7)\nimport os\nos.environ['POISON'] = '1'\nbuiltins.leak = 1\n";
    assert_eq!(run(poison).verdict, Verdict::Passed);
    let check = "import builtins, math, re, collections, os\nassert len([]) == 0 and math.pi > 3.1\n\
        assert collections.Counter('aab').most_common(1) == [('a', 2)]\nassert 'POISON' not in os.environ\nassert not hasattr(builtins, 'leak')\n";
    assert_eq!(run(check).verdict, Verdict::Passed);
}

#[test]
fn the_next_program_is_unaffected_by_one_that_was_ended() {
    for bomb in ["a = [0] * 10 ** 9", "while True: pass", "print('x' * 10 ** 7)", "import os\nos._exit(3)"] {
        assert!(!run(bomb).verdict.passed());
        assert_eq!(run("print(1 + 1)").stdout, "2\n");
    }
}

#[test]
fn a_program_gives_the_same_outcome_every_time() {
    let program = "import random, time\nprint(random.random(), time.time(), hash('x'), {'a', 'b', 'c'}, id(object()))\n\
        print(random.Random().random(), __import__('os').urandom(3))\n";
    let first = run(program);
    assert_eq!(first.verdict, Verdict::Passed);
    let others: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| run(program))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    for other in others {
        assert_eq!(
            (other.stdout, other.fuel_used, other.peak_memory_bytes),
            (first.stdout.clone(), first.fuel_used, first.peak_memory_bytes)
        );
    }
}

#[test]
fn more_threads_than_places_wait_their_turn() {
    thread::scope(|scope| {
        let threads: Vec<_> = (0..150).map(|_| scope.spawn(|| run("x = sum(range(1000))").verdict)).collect();
        assert!(threads.into_iter().all(|thread| thread.join().unwrap() == Verdict::Passed));
    });
}

#[test]
fn the_guests_import_nothing_but_what_the_host_offers_them() {
    let offered = ["phi.deceived", "phi.exit", "phi.report", "phi.sleep", "phi.write"];
    assert_eq!(sandbox(Python::Cpython).imports().unwrap(), offered);
    assert_eq!(sandbox(Python::Rustpython).imports().unwrap(), offered);
}

#[test]
fn a_damaged_cache_is_compiled_again() {
    let folder = tempfile::tempdir().unwrap();
    assert!(!Sandbox::is_compiled(Python::Cpython, folder.path()));
    Sandbox::new(Python::Cpython, folder.path()).unwrap();
    assert!(Sandbox::is_compiled(Python::Cpython, folder.path()));
    for file in std::fs::read_dir(folder.path().join("native")).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "cwasm") {
            let mut code = std::fs::read(&path).unwrap();
            let middle = code.len() / 2;
            code[middle] ^= 1;
            std::fs::write(&path, code).unwrap();
        }
    }
    let sandbox = Sandbox::new(Python::Cpython, folder.path()).unwrap();
    assert_eq!(sandbox.run("pass", &Limits::default()).verdict, Verdict::Passed);
}

#[test]
fn a_cache_that_cannot_be_written_does_no_harm() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let sandbox = Sandbox::new(Python::Cpython, &file.path().join("below-a-file")).unwrap();
    assert_eq!(sandbox.run("pass", &Limits::default()).verdict, Verdict::Passed);
}
