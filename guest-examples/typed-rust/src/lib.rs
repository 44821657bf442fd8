//! What the plugin does. Its types and exports are in `contract.rs`, which `npm run types` writes from plugin.json.
mod contract;

use contract::*;
use extism_pdk::Error;

pub struct Plugin;

impl Exports for Plugin {
    fn summarize(note: Note) -> Result<SummarizeOutput, Error> {
        let mut summary = SummarizeOutput {
            titles: Vec::new(),
            open: 0,
            sizes: 0.0,
            by_tag: Default::default(),
            highest: None,
            kind: match note.kind {
                NoteKind::Note => SummarizeOutputKind::Note,
                NoteKind::ToDo => SummarizeOutputKind::ToDo,
            },
            first: note.parts.iter().flatten().next().map(|part| SummarizeOutputFirst {
                title: part.title.clone(),
                done: part.done,
            }),
            type_: note.type_.clone(),
            extra: note.extra.clone(),
        };
        visit(&note, &mut summary);
        Ok(summary)
    }

    fn title_of(id: String) -> Result<String, Error> {
        let query = FindNoteQuery { id: id.clone(), archived: Some(true) };
        match host::find_note(&query, 2)? {
            None => Err(Error::msg(format!("there is no note {id}"))),
            Some(FindNoteResult { title, rank: None }) => Ok(title),
            Some(FindNoteResult { title, rank: Some(rank) }) => Ok(format!("{title} #{rank}")),
        }
    }

    fn shout(text: String) -> Result<String, Error> {
        host::tell(&text, &[0, 255])?;
        Ok(text.to_uppercase())
    }

    fn reverse(mut bytes: Vec<u8>) -> Result<Vec<u8>, Error> {
        bytes.reverse();
        Ok(bytes)
    }

    fn next_kind(kind: NextKindInput) -> Result<NextKindOutput, Error> {
        Ok(match kind {
            NextKindInput::Note => NextKindOutput::ToDo,
            NextKindInput::ToDo => NextKindOutput::Note,
        })
    }

    fn swap(mut values: Vec<serde_json::Value>) -> Result<Vec<serde_json::Value>, Error> {
        values.reverse();
        Ok(values)
    }

    fn add(numbers: Vec<i64>) -> Result<i64, Error> {
        numbers.into_iter().try_fold(0, host::add_up)
    }

    fn refuse(bytes: Vec<u8>) -> Result<Vec<u8>, Error> {
        Err(Error::msg(format!("refused {} bytes", bytes.len())))
    }
}

fn visit(note: &Note, summary: &mut SummarizeOutput) {
    summary.titles.push(note.title.clone());
    if note.kind == NoteKind::ToDo && note.done != Some(true) {
        summary.open += 1;
    }
    summary.sizes += note.size.unwrap_or(0.0);
    for tag in &note.tags {
        *summary.by_tag.entry(tag.clone()).or_default() += 1;
    }
    summary.highest = summary.highest.max(note.priority);
    for part in note.parts.iter().flatten() {
        visit(part, summary);
    }
}
