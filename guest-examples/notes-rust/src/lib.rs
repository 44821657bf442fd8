//! Files: searches the notes in a folder that may be read, and keeps its findings in one that may be written.
use extism_pdk::*;
use std::{fs, io::Write, path::Path};

/// Input: a word. Output: the names of the notes that have it, sorted, a line each. Also appended to `/found/log.txt`.
#[plugin_fn]
pub fn search(word: String) -> FnResult<String> {
    if word.is_empty() {
        return Err(Error::msg("the input is empty; send a word").into());
    }
    let mut found = Vec::new();
    for entry in fs::read_dir("/notes")? {
        let entry = entry?;
        if entry.file_type()?.is_file() && fs::read_to_string(entry.path())?.contains(&word) {
            found.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    found.sort();
    let mut log = fs::OpenOptions::new().append(true).create(true).open("/found/log.txt")?;
    writeln!(log, "{word}: {}", found.join(", "))?;
    Ok(found.join("\n"))
}

/// Input: the name of a note. Output: the note. What was not granted is an error here as for any missing file.
#[plugin_fn]
pub fn show(name: String) -> FnResult<String> {
    let note = fs::read_to_string(Path::new("/notes").join(&name));
    Ok(note.map_err(|problem| Error::msg(format!("{name}: {problem}")))?)
}
