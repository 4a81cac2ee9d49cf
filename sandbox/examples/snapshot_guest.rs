//! Snapshots a guest after its initialization: `snapshot_guest IN.wasm OUT.wasm SOURCE ...`, where the sources are what it
//! loads then, in this order: Python modules, and for cpython the marshalled library. For `guests/build.sh`.

#![allow(clippy::print_stderr, reason = "a tool of the build")]

use std::fs;
use std::path::Path;
use std::pin::pin;
use std::process::ExitCode;
use std::task::{Context, Poll, Waker};

use wasmtime::{Caller, Config, Engine, Extern, Instance, Linker, Module, Store, Val};
use wasmtime_wizer::{InstanceState, SnapshotVal, ValType, Wizer};

struct Initialized {
    store: Store<()>,
    instance: Instance,
}

impl InstanceState for Initialized {
    async fn global_get(&mut self, name: &str, _: ValType) -> SnapshotVal {
        match self.instance.get_global(&mut self.store, name).map(|global| global.get(&mut self.store)) {
            Some(Val::I32(value)) => SnapshotVal::I32(value),
            Some(Val::I64(value)) => SnapshotVal::I64(value),
            Some(Val::F32(value)) => SnapshotVal::F32(value),
            Some(Val::F64(value)) => SnapshotVal::F64(value),
            other => panic!("the global {name} can't be kept: {other:?}"),
        }
    }

    async fn memory_contents(&mut self, name: &str, contents: impl FnOnce(&[u8]) + Send) {
        let memory = self.instance.get_memory(&mut self.store, name).expect("the memory is exported");
        contents(memory.data(&self.store));
    }
}

fn snapshot(wasm: &[u8], sources: &[(String, Vec<u8>)]) -> wasmtime::Result<Vec<u8>> {
    let wizer = Wizer::new();
    let (context, instrumented) = wizer.instrument(wasm)?;
    let mut config = Config::new();
    config.max_wasm_stack(64 << 20).async_stack_size(65 << 20);
    let engine = Engine::new(&config)?;
    let module = Module::new(&engine, instrumented)?;
    let mut linker = Linker::new(&engine);
    linker.func_wrap("phi", "write", |mut caller: Caller<'_, ()>, _: u32, address: u32, length: u32| {
        if let Some(memory) = caller.get_export("memory").and_then(Extern::into_memory) {
            let bytes = &memory.data(&caller)[address as usize..][..length as usize];
            eprint!("{}", String::from_utf8_lossy(bytes));
        }
    })?;
    linker.func_wrap("phi", "sleep", |_: u64| {})?;
    linker.define_unknown_imports_as_traps(&module)?;
    now(async {
        let mut store = Store::new(&engine, ());
        let instance = linker.instantiate_async(&mut store, &module).await?;
        let memory = instance.get_memory(&mut store, "memory").expect("the memory is exported");
        let allocate = instance.get_typed_func::<u32, u32>(&mut store, "allocate")?;
        let add_source = instance.get_typed_func::<(u32, u32, u32, u32), ()>(&mut store, "add_source")?;
        for (name, source) in sources {
            let mut places = [0; 2];
            for (place, bytes) in places.iter_mut().zip([name.as_bytes(), source]) {
                *place = allocate.call_async(&mut store, bytes.len() as u32).await?;
                memory.write(&mut store, *place as usize, bytes)?;
            }
            add_source.call_async(&mut store, (places[0], name.len() as u32, places[1], source.len() as u32)).await?;
        }
        let initialize = instance.get_typed_func::<(), ()>(&mut store, wizer.get_init_func())?;
        initialize.call_async(&mut store, ()).await?;
        wizer.snapshot(&context, &mut Initialized { store, instance }).await
    })
}

/// Runs a future that never waits.
fn now<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return value;
        }
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [from, to, sources @ ..] = arguments.as_slice() else {
        eprintln!("usage: snapshot_guest IN.wasm OUT.wasm SOURCE ...");
        return ExitCode::from(2);
    };
    match make(from, to, sources) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{from}: {error:?}");
            ExitCode::FAILURE
        }
    }
}

fn make(from: &str, to: &str, sources: &[String]) -> wasmtime::Result<()> {
    let sources = sources.iter().map(|path| {
        let name = Path::new(path).file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Ok((name, fs::read(path)?))
    });
    let sources: Vec<_> = sources.collect::<wasmtime::Result<_>>()?;
    fs::write(to, snapshot(&fs::read(from)?, &sources)?)?;
    Ok(())
}
