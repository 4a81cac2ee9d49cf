//! A guest that is a WebAssembly component: cpython.

use wasmtime::component::{Component, ComponentExportIndex, InstancePre, Linker};
use wasmtime::{Engine, Store, StoreContextMut};

use crate::state::{self, State};

/// The interface that `guests/cpython/runner.wit` imports.
const HOST: &str = "phi:sandbox/host";

/// A component, linked and ready to be instantiated.
pub(crate) struct ComponentGuest {
    instance: InstancePre<State>,
    run: ComponentExportIndex,
}

impl ComponentGuest {
    pub(crate) fn new(engine: &Engine, component: Component) -> wasmtime::Result<ComponentGuest> {
        let run = component.get_export_index(None, "run").ok_or_else(|| wasmtime::format_err!("no export `run`"))?;
        let instance = linker(engine)?.instantiate_pre(&component)?;
        Ok(ComponentGuest { instance, run })
    }

    pub(crate) fn imports(&self, engine: &Engine) -> Vec<String> {
        let component_type = self.instance.component().component_type();
        let mut imports = Vec::new();
        for (name, item) in component_type.imports(engine) {
            match item.ty {
                wasmtime::component::types::ComponentItem::ComponentInstance(instance) => {
                    imports.extend(instance.exports(engine).map(|(function, _)| format!("{name}.{function}")));
                }
                _ => imports.push(name.to_owned()),
            }
        }
        imports
    }

    pub(crate) async fn call(
        &self,
        store: &mut Store<State>,
        solution: &str,
        test: Option<&str>,
    ) -> wasmtime::Result<bool> {
        let instance = self.instance.instantiate_async(&mut *store).await?;
        let run = instance.get_typed_func::<(&str, Option<&str>), (bool,)>(&mut *store, self.run)?;
        let (passed,) = run.call_async(store, (solution, test)).await?;
        Ok(passed)
    }
}

fn linker(engine: &Engine) -> wasmtime::Result<Linker<State>> {
    type Host<'a> = StoreContextMut<'a, State>;
    let mut linker = Linker::new(engine);
    let mut host = linker.instance(HOST)?;
    host.func_wrap("sleep", |store: Host<'_>, (nanoseconds,): (u64,)| state::sleep(store, nanoseconds))?;
    host.func_wrap("exit", |_: Host<'_>, (code,): (i32,)| state::exit(code))?;
    host.func_wrap("always-equal", |_: Host<'_>, (type_name,): (String,)| state::always_equal(&type_name))?;
    host.func_wrap("write", |mut store: Host<'_>, (to_stderr, bytes): (bool, Vec<u8>)| {
        store.data_mut().write(to_stderr, &bytes)
    })?;
    host.func_wrap(
        "report",
        |mut store: Host<'_>, (kind, exception, message, traceback, code): (String, String, String, String, i32)| {
            store.data_mut().report(&kind, &exception, &message, &traceback, code);
            Ok(())
        },
    )?;
    Ok(linker)
}
