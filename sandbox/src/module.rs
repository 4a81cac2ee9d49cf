//! An interpreter as a WebAssembly module: linked with the host's functions, and called.

use wasmtime::{Caller, Engine, Error, Extern, InstancePre, Linker, Memory, Module, Store, format_err};

use crate::state::{self, State};

/// The module name of the host's functions.
const HOST: &str = "phi";

/// A module, linked and ready to be instantiated.
pub(crate) struct ModuleGuest {
    instance: InstancePre<State>,
}

impl ModuleGuest {
    pub(crate) fn new(engine: &Engine, module: &Module) -> wasmtime::Result<ModuleGuest> {
        Ok(ModuleGuest { instance: linker(engine)?.instantiate_pre(module)? })
    }

    pub(crate) fn imports(&self) -> Vec<String> {
        self.instance.module().imports().map(|import| format!("{}.{}", import.module(), import.name())).collect()
    }

    /// Puts the sources into the guest's memory and calls `run(solution, length, test, length, has_test)`.
    pub(crate) async fn call(
        &self,
        store: &mut Store<State>,
        solution: &str,
        test: Option<&str>,
    ) -> wasmtime::Result<bool> {
        let instance = self.instance.instantiate_async(&mut *store).await?;
        let memory = instance.get_memory(&mut *store, "memory").ok_or_else(|| format_err!("no export `memory`"))?;
        let allocate = instance.get_typed_func::<u32, u32>(&mut *store, "allocate")?;
        let mut places = [(0, 0); 2];
        for (place, source) in places.iter_mut().zip([solution, test.unwrap_or_default()]) {
            let length = u32::try_from(source.len()).map_err(|_| format_err!("the program is over 4 GiB"))?;
            let address = allocate.call_async(&mut *store, length).await?;
            memory.write(&mut *store, address as usize, source.as_bytes())?;
            *place = (address, length);
        }
        let [(solution, solution_length), (test_address, test_length)] = places;
        let run = instance.get_typed_func::<(u32, u32, u32, u32, u32), u32>(&mut *store, "run")?;
        let arguments = (solution, solution_length, test_address, test_length, u32::from(test.is_some()));
        let passed = run.call_async(&mut *store, arguments).await?;
        Ok(passed == 1)
    }
}

fn linker(engine: &Engine) -> wasmtime::Result<Linker<State>> {
    type Host<'a> = Caller<'a, State>;
    let mut linker = Linker::new(engine);
    linker.func_wrap(HOST, "sleep", |mut caller: Host<'_>, nanoseconds: u64| {
        state::sleep(wasmtime::AsContextMut::as_context_mut(&mut caller), nanoseconds)
    })?;
    linker.func_wrap(HOST, "exit", |_: Host<'_>, code: i32| state::exit(code))?;
    linker.func_wrap(HOST, "deceived", |mut caller: Host<'_>, address: u32, length: u32| {
        state::deceived(&string(&mut caller, address, length)?)
    })?;
    linker.func_wrap(HOST, "write", |mut caller: Host<'_>, to_stderr: u32, address: u32, length: u32| {
        let memory = memory(&mut caller)?;
        let (data, state) = memory.data_and_store_mut(&mut caller);
        state.write(to_stderr != 0, slice(data, address, length)?)
    })?;
    linker.func_wrap(
        HOST,
        "report",
        |mut caller: Host<'_>,
         kind: u32,
         kind_length: u32,
         exception: u32,
         exception_length: u32,
         message: u32,
         message_length: u32,
         traceback: u32,
         traceback_length: u32,
         code: i32| {
            let kind = string(&mut caller, kind, kind_length)?;
            let exception = string(&mut caller, exception, exception_length)?;
            let message = string(&mut caller, message, message_length)?;
            let traceback = string(&mut caller, traceback, traceback_length)?;
            caller.data_mut().report(&kind, &exception, &message, &traceback, code);
            Ok::<(), Error>(())
        },
    )?;
    Ok(linker)
}

fn memory(caller: &mut Caller<'_, State>) -> wasmtime::Result<Memory> {
    caller.get_export("memory").and_then(Extern::into_memory).ok_or_else(|| format_err!("no export `memory`"))
}

/// The guest's text at an address, which may be any numbers.
fn string(caller: &mut Caller<'_, State>, address: u32, length: u32) -> wasmtime::Result<String> {
    let memory = memory(caller)?;
    let data = memory.data(&*caller);
    Ok(String::from_utf8_lossy(slice(data, address, length)?).into_owned())
}

fn slice(data: &[u8], address: u32, length: u32) -> wasmtime::Result<&[u8]> {
    let start = address as usize;
    data.get(start..start.saturating_add(length as usize))
        .ok_or_else(|| format_err!("the guest points outside its memory"))
}
