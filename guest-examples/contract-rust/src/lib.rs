//! Every kind of thing that a plugin may do, a function each. The other `contract-` examples do the same in their
//! languages.
use extism_pdk::*;

#[host_fn]
extern "ExtismHost" {
    fn lookup(key: String) -> String;
}

/// The input, as it is.
#[plugin_fn]
pub fn echo(input: Vec<u8>) -> FnResult<Vec<u8>> {
    Ok(input)
}

/// How many characters (not bytes) the input has. Input that is not UTF-8 is an error, which the PDK reports.
#[plugin_fn]
pub fn count_chars(input: String) -> FnResult<String> {
    Ok(input.chars().count().to_string())
}

/// Config: the greeting is the host's business.
#[plugin_fn]
pub fn greet(name: String) -> FnResult<String> {
    let greeting = config::get("greeting")?.unwrap_or_else(|| "Hello".to_string());
    Ok(format!("{greeting}, {name}!"))
}

/// Vars: the host keeps them from call to call, even when the instance is replaced.
#[plugin_fn]
pub fn count_calls() -> FnResult<String> {
    let count = match var::get::<String>("calls")? {
        Some(text) => text.parse::<u64>()?,
        None => 0,
    } + 1;
    var::set("calls", count.to_string())?;
    Ok(count.to_string())
}

/// Logs the input.
#[plugin_fn]
pub fn say(message: String) -> FnResult<()> {
    info!("{message}");
    Ok(())
}

/// Asks the host. Nothing where the host knows nothing.
#[plugin_fn]
pub fn look_up(key: String) -> FnResult<String> {
    Ok(unsafe { lookup(key)? })
}

/// Reports an error; the instance stays usable.
#[plugin_fn]
pub fn refuse(input: String) -> FnResult<()> {
    Err(WithReturnCode::new(Error::msg(format!("refused: {input}")), 1))
}

/// Traps; the host throws the instance away.
#[plugin_fn]
pub fn crash() -> FnResult<()> {
    core::arch::wasm32::unreachable()
}
