// Written by `cordon types --guest rust`. Do not edit: it is written anew.
//
// Needs the crates extism-pdk, serde (with "derive") and serde_json, and Rust 1.82. Implement `Exports` for a type
// `Plugin` in the root of the crate.
#![allow(dead_code, unused_imports, clippy::all)]

use extism_pdk::{Error, Memory};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NoteKind {
    #[serde(rename = "note")]
    Note,
    #[serde(rename = "to-do")]
    ToDo,
}

impl NoteKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::ToDo => "to-do",
        }
    }
    pub fn from_text(text: &str) -> Result<Self, Error> {
        match text {
            "note" => Ok(Self::Note),
            "to-do" => Ok(Self::ToDo),
            other => Err(Error::msg(format!("{other:?} is none of the values of NoteKind"))),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SummarizeOutputKind {
    #[serde(rename = "note")]
    Note,
    #[serde(rename = "to-do")]
    ToDo,
}

impl SummarizeOutputKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::ToDo => "to-do",
        }
    }
    pub fn from_text(text: &str) -> Result<Self, Error> {
        match text {
            "note" => Ok(Self::Note),
            "to-do" => Ok(Self::ToDo),
            other => Err(Error::msg(format!("{other:?} is none of the values of SummarizeOutputKind"))),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NextKindInput {
    #[serde(rename = "note")]
    Note,
    #[serde(rename = "to-do")]
    ToDo,
}

impl NextKindInput {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::ToDo => "to-do",
        }
    }
    pub fn from_text(text: &str) -> Result<Self, Error> {
        match text {
            "note" => Ok(Self::Note),
            "to-do" => Ok(Self::ToDo),
            other => Err(Error::msg(format!("{other:?} is none of the values of NextKindInput"))),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NextKindOutput {
    #[serde(rename = "note")]
    Note,
    #[serde(rename = "to-do")]
    ToDo,
}

impl NextKindOutput {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::ToDo => "to-do",
        }
    }
    pub fn from_text(text: &str) -> Result<Self, Error> {
        match text {
            "note" => Ok(Self::Note),
            "to-do" => Ok(Self::ToDo),
            other => Err(Error::msg(format!("{other:?} is none of the values of NextKindOutput"))),
        }
    }
}

/// A note, with notes under it
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Note {
    /// What it is about
    pub title: String,
    pub kind: NoteKind,
    pub tags: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<f64>,
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub type_: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parts: Option<Vec<Note>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra: Option<serde_json::Value>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SummarizeOutput {
    pub titles: Vec<String>,
    pub open: i64,
    pub sizes: f64,
    #[serde(rename = "byTag")]
    pub by_tag: BTreeMap<String, i64>,
    pub highest: Option<i64>,
    pub kind: SummarizeOutputKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<SummarizeOutputFirst>,
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub type_: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra: Option<serde_json::Value>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SummarizeOutputFirst {
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done: Option<bool>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FindNoteQuery {
    pub id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archived: Option<bool>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FindNoteResult {
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rank: Option<i64>,
}

/// What the plugin does. An error is the error of the call; the instance stays.
pub trait Exports {
    /// Sums up a note and all that is under it
    fn summarize(input: Note) -> Result<SummarizeOutput, Error>;
    /// The title of a note, as the host knows it
    fn title_of(input: String) -> Result<String, Error>;
    /// In capitals
    fn shout(input: String) -> Result<String, Error>;
    /// Bytes from back to front
    fn reverse(input: Vec<u8>) -> Result<Vec<u8>, Error>;
    /// The other kind
    fn next_kind(input: NextKindInput) -> Result<NextKindOutput, Error>;
    /// A list from back to front, of any values
    fn swap(input: Vec<serde_json::Value>) -> Result<Vec<serde_json::Value>, Error>;
    /// A sum, as the host adds
    fn add(input: Vec<i64>) -> Result<i64, Error>;
    /// Reports an error
    fn refuse(input: Vec<u8>) -> Result<Vec<u8>, Error>;
}

#[unsafe(export_name = "summarize")]
pub extern "C" fn export_summarize() -> i32 {
    respond(|| {
        let bytes = extism_pdk::input_bytes();
        let input = read::<Note>("the input of summarize", &bytes)?;
        let output = <crate::Plugin as Exports>::summarize(input)?;
        write(&output)
    })
}

#[unsafe(export_name = "title_of")]
pub extern "C" fn export_title_of() -> i32 {
    respond(|| {
        let bytes = extism_pdk::input_bytes();
        let input = text("the input of title_of", bytes)?;
        let output = <crate::Plugin as Exports>::title_of(input)?;
        Ok(output.into_bytes())
    })
}

#[unsafe(export_name = "shout")]
pub extern "C" fn export_shout() -> i32 {
    respond(|| {
        let bytes = extism_pdk::input_bytes();
        let input = text("the input of shout", bytes)?;
        let output = <crate::Plugin as Exports>::shout(input)?;
        Ok(output.into_bytes())
    })
}

#[unsafe(export_name = "reverse")]
pub extern "C" fn export_reverse() -> i32 {
    respond(|| {
        let bytes = extism_pdk::input_bytes();
        let input = bytes;
        let output = <crate::Plugin as Exports>::reverse(input)?;
        Ok(output)
    })
}

#[unsafe(export_name = "next_kind")]
pub extern "C" fn export_next_kind() -> i32 {
    respond(|| {
        let bytes = extism_pdk::input_bytes();
        let input = NextKindInput::from_text(&text("the input of next_kind", bytes)?)?;
        let output = <crate::Plugin as Exports>::next_kind(input)?;
        Ok(output.as_str().as_bytes().to_vec())
    })
}

#[unsafe(export_name = "swap")]
pub extern "C" fn export_swap() -> i32 {
    respond(|| {
        let bytes = extism_pdk::input_bytes();
        let input = read::<Vec<serde_json::Value>>("the input of swap", &bytes)?;
        let output = <crate::Plugin as Exports>::swap(input)?;
        write(&output)
    })
}

#[unsafe(export_name = "add")]
pub extern "C" fn export_add() -> i32 {
    respond(|| {
        let bytes = extism_pdk::input_bytes();
        let input = read::<Vec<i64>>("the input of add", &bytes)?;
        let output = <crate::Plugin as Exports>::add(input)?;
        write(&output)
    })
}

#[unsafe(export_name = "refuse")]
pub extern "C" fn export_refuse() -> i32 {
    respond(|| {
        let bytes = extism_pdk::input_bytes();
        let input = bytes;
        let output = <crate::Plugin as Exports>::refuse(input)?;
        Ok(output)
    })
}

mod raw {
    #[link(wasm_import_module = "extism:host/user")]
    unsafe extern "C" {
        #[link_name = "find_note"]
        pub fn find_note(a0: u64, a1: i32) -> u64;
        #[link_name = "add_up"]
        pub fn add_up(a0: i64, a1: i64) -> i64;
        #[link_name = "tell"]
        pub fn tell(a0: u64, a1: u64);
    }
}

/// Host functions.
pub mod host {
    use super::*;

    /// A note by its id
    pub fn find_note(query: &FindNoteQuery, depth: i32) -> Result<Option<FindNoteResult>, Error> {
        let query = Memory::from_bytes(super::write(query)?)?;
        let result = unsafe { super::raw::find_note(query.offset(), depth) };
        query.free();
        super::read("the result of find_note", &if result == 0 { b"null".to_vec() } else { super::take(result) })
    }

    /// The sum of two numbers
    pub fn add_up(a: i64, b: i64) -> Result<i64, Error> {
        let result = unsafe { super::raw::add_up(a, b) };
        Ok(result)
    }

    /// Tells the application something
    pub fn tell(text: &str, data: &[u8]) -> Result<(), Error> {
        let text = Memory::from_bytes(text)?;
        let data = Memory::from_bytes(data)?;
        unsafe { super::raw::tell(text.offset(), data.offset()) };
        text.free();
        data.free();
        Ok(())
    }
}

fn respond(work: impl FnOnce() -> Result<Vec<u8>, Error>) -> i32 {
    let (bytes, code) = match work() {
        Ok(bytes) => (bytes, 0),
        Err(error) => (format!("{error:#}").into_bytes(), 1),
    };
    if code == 0 && bytes.is_empty() {
        return code;
    }
    match Memory::from_bytes(bytes) {
        Ok(memory) if code == 0 => memory.set_output(),
        Ok(memory) => unsafe { extism_pdk::extism::error_set(memory.offset()) },
        Err(_) => return 1,
    }
    code
}

fn text(what: &str, bytes: Vec<u8>) -> Result<String, Error> {
    String::from_utf8(bytes).map_err(|error| Error::msg(format!("{what} is not UTF-8: {error}")))
}

fn read<T: serde::de::DeserializeOwned>(what: &str, bytes: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(bytes).map_err(|error| Error::msg(format!("{what} does not fit its contract: {error}")))
}

fn write<T: Serialize>(value: &T) -> Result<Vec<u8>, Error> {
    Ok(serde_json::to_vec(value)?)
}

/// A block of the host, read and freed; empty for offset 0.
fn take(offset: u64) -> Vec<u8> {
    match Memory::find(offset) {
        None => Vec::new(),
        Some(memory) => {
            let bytes = memory.to_vec();
            memory.free();
            bytes
        }
    }
}
