use extism_pdk::*;

/// Input: a name. Output: a greeting.
#[plugin_fn]
pub fn hello(name: String) -> FnResult<String> {
    Ok(format!("Hello, {name}!"))
}
