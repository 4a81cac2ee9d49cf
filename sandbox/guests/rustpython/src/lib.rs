//! RustPython as a sandbox guest: one WebAssembly module that judges Python programs.
//!
//! `initialize` starts the interpreter and imports the standard library; the module is snapshotted after it. `run` then
//! executes a solution and its test. Whether both ran to their end is known to Rust code only: Python can't reach it.

mod host;

use std::cell::{OnceCell, RefCell};

use rustpython_vm::builtins::{PyBaseExceptionRef, PyCode, PyDict, PyStrRef, PyTupleRef, PyTypeRef};
use rustpython_vm::function::FuncArgs;
use rustpython_vm::scope::Scope;
use rustpython_vm::{AsObject, Interpreter, PyObjectRef, PyResult, Settings, TryFromObject, VirtualMachine};

/// The Python modules that `initialize` imports, in this order: names and sources. The last one is `finish`.
struct Sources(RefCell<Vec<(String, String)>>);

// SAFETY: WebAssembly without threads.
unsafe impl Sync for Sources {}

static SOURCES: Sources = Sources(RefCell::new(Vec::new()));

struct Guest {
    interpreter: Interpreter,
    compile_solution: PyObjectRef,
    compile_test: PyObjectRef,
    restore: PyObjectRef,
    test_namespace: PyObjectRef,
    report: PyObjectRef,
    flush: PyObjectRef,
    namespace: PyObjectRef,
}

/// A module without threads has one guest.
struct Only(OnceCell<Guest>);

// SAFETY: WebAssembly without threads.
unsafe impl Sync for Only {}

static GUEST: Only = Only(OnceCell::new());

/// Starts the interpreter. To be called once, before the snapshot.
#[unsafe(export_name = "wizer-initialize")]
pub extern "C" fn initialize() {
    let mut settings = Settings::default();
    settings.hash_seed = Some(0);
    settings.install_signal_handlers = false;
    settings.isolated = true;
    let builder = Interpreter::builder(settings);
    let library = rustpython_stdlib::stdlib_module_defs(&builder.ctx);
    let host = host::module_def(&builder.ctx);
    let interpreter = builder
        .add_native_modules(&library)
        .add_native_module(host)
        .add_frozen_modules(rustpython_pylib::FROZEN_STDLIB)
        .build();
    let parts = interpreter.enter(|vm| match prepare(vm) {
        Ok(parts) => parts,
        Err(error) => {
            let mut text = String::new();
            let _ = vm.write_exception(&mut text, &error);
            host::write_out(true, text.as_bytes());
            panic!("the interpreter did not start");
        }
    });
    let [compile_solution, compile_test, restore, test_namespace, report, flush, namespace] = parts;
    let guest = Guest {
        interpreter,
        compile_solution,
        compile_test,
        restore,
        test_namespace,
        report,
        flush,
        namespace,
    };
    if GUEST.0.set(guest).is_err() {
        panic!("initialized twice");
    }
}

fn prepare(vm: &VirtualMachine) -> PyResult<[PyObjectRef; 7]> {
    let mut finish = vm.ctx.none();
    for (name, source) in SOURCES.0.take() {
        finish = rustpython_vm::import::import_source(vm, &name, &source)?;
    }
    let part = |name: &'static str| finish.get_attr(name, vm);
    for replacement in Vec::<PyTupleRef>::try_from_object(vm, part("replacements")?)? {
        replace_attribute(&replacement, vm)?;
    }
    // Code comes from source only.
    vm.ctx.types.code_type.slots.new.store(None);
    Ok([
        part("compile_solution")?,
        part("compile_test")?,
        part("restore")?,
        part("test_namespace")?,
        part("report")?,
        part("flush")?,
        part("namespace")?,
    ])
}

/// Gives a built-in type another attribute, which Python code can't: `(type, name, value)`.
fn replace_attribute(replacement: &PyTupleRef, vm: &VirtualMachine) -> PyResult<()> {
    let [kind, name, value] = replacement.as_slice() else {
        return Err(vm.new_type_error("a replacement is a type, a name and a value"));
    };
    let kind = PyTypeRef::try_from_object(vm, kind.clone())?;
    let name = PyStrRef::try_from_object(vm, name.clone())?;
    kind.set_attr(vm.ctx.intern_str(name.to_string_lossy().into_owned()), value.clone());
    Ok(())
}

/// Adds a Python module for `initialize` to import.
///
/// # Safety
/// The addresses and lengths are those of memory from [`allocate`], with UTF-8 written to it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn add_source(name: *const u8, name_length: u32, source: *const u8, source_length: u32) {
    let text = |address, length| {
        // SAFETY: as the caller promises.
        let bytes = unsafe { std::slice::from_raw_parts(address, length as usize) };
        String::from_utf8_lossy(bytes).into_owned()
    };
    SOURCES.0.borrow_mut().push((text(name, name_length), text(source, source_length)));
}

/// Memory for a source that the host will write.
#[unsafe(no_mangle)]
pub extern "C" fn allocate(length: u32) -> *mut u8 {
    Vec::with_capacity(length.max(1) as usize).leak().as_mut_ptr()
}

/// Executes a solution, then its test if there is one. 1 exactly if both ran to their end.
///
/// # Safety
/// The addresses and lengths are those of memory from [`allocate`], with UTF-8 written to it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn run(
    solution: *const u8,
    solution_length: u32,
    test: *const u8,
    test_length: u32,
    has_test: u32,
) -> u32 {
    // SAFETY: as the caller promises.
    let solution = unsafe { std::slice::from_raw_parts(solution, solution_length as usize) };
    let test = unsafe { std::slice::from_raw_parts(test, test_length as usize) };
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    let test = (has_test != 0).then(|| text(test));
    let guest = GUEST.0.get().expect("the module was initialized before the snapshot");
    guest.interpreter.enter(|vm| match guest.judge(text(solution), test, vm) {
        Ok(()) => {
            let _ = guest.flush.call((), vm);
            1
        }
        Err(error) => {
            guest.describe(error, vm);
            0
        }
    })
}

impl Guest {
    fn judge(&self, solution: String, test: Option<String>, vm: &VirtualMachine) -> PyResult<()> {
        let solution: PyStrRef = vm.ctx.new_str(solution);
        let test = test.map(|test| self.compile_test.call((solution.clone(), vm.ctx.new_str(test)), vm)).transpose()?;
        let solution = self.compile_solution.call((solution,), vm)?;
        execute(solution, self.namespace.clone(), vm)?;
        if let Some(test) = test {
            self.restore.call((), vm)?;
            let names = self.test_namespace.call((self.namespace.clone(),), vm)?;
            execute(test, names, vm)?;
        }
        Ok(())
    }

    fn describe(&self, error: PyBaseExceptionRef, vm: &VirtualMachine) {
        let name = error.class().name().to_string();
        let _ = self.flush.call((), vm);
        let error: PyObjectRef = error.into();
        if self.report.call(FuncArgs::from(vec![error]), vm).is_err() {
            host::report_out("failed", &name, "", "", 0);
        }
    }
}

fn execute(code: PyObjectRef, names: PyObjectRef, vm: &VirtualMachine) -> PyResult<()> {
    let code = code.downcast::<PyCode>().ok().expect("compile() gives a code object");
    let names = names.downcast::<PyDict>().ok().expect("a namespace is a dict");
    vm.run_code_obj(code, Scope::with_builtins(None, names, vm)).map(drop)
}

/// Randomness is seeded: every program sees the same.
#[unsafe(no_mangle)]
unsafe extern "Rust" fn __getrandom_v03_custom(destination: *mut u8, length: usize) -> Result<(), getrandom::Error> {
    for index in 0..length {
        // SAFETY: getrandom gives a valid place of this length.
        unsafe { destination.add(index).write((index as u8).wrapping_mul(167).wrapping_add(13)) };
    }
    Ok(())
}

