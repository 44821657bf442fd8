// What the plugin does. Its types and exports are in contract.go, which `npm run types` writes from plugin.json.
package main

import (
	"fmt"
	"slices"
	"strings"
)

type Plugin struct{}

func (Plugin) Summarize(note Note) (SummarizeOutput, error) {
	summary := SummarizeOutput{
		ByTag: Map[int64]{},
		Kind:  SummarizeOutputKind(note.Kind),
		Type:  note.Type,
		Extra: note.Extra,
	}
	if note.Parts != nil && len(*note.Parts) > 0 {
		first := (*note.Parts)[0]
		summary.First = &SummarizeOutputFirst{Title: first.Title, Done: first.Done}
	}
	visit(note, &summary)
	return summary, nil
}

func visit(note Note, summary *SummarizeOutput) {
	summary.Titles = append(summary.Titles, note.Title)
	if note.Kind == NoteKindToDo && (note.Done == nil || !*note.Done) {
		summary.Open++
	}
	if note.Size != nil {
		summary.Sizes += *note.Size
	}
	for _, tag := range note.Tags {
		summary.ByTag[tag]++
	}
	if note.Priority != nil && (summary.Highest == nil || *note.Priority > *summary.Highest) {
		summary.Highest = note.Priority
	}
	if note.Parts == nil {
		return
	}
	for _, part := range *note.Parts {
		visit(part, summary)
	}
}

func (Plugin) TitleOf(id string) (string, error) {
	archived := true
	note, err := CallFindNote(FindNoteQuery{Id: id, Archived: &archived}, 2)
	if err != nil {
		return "", err
	}
	if note == nil {
		return "", fmt.Errorf("there is no note %s", id)
	}
	if note.Rank == nil {
		return note.Title, nil
	}
	return fmt.Sprintf("%s #%d", note.Title, *note.Rank), nil
}

func (Plugin) Shout(text string) (string, error) {
	if err := CallTell(text, []byte{0, 255}); err != nil {
		return "", err
	}
	return strings.ToUpper(text), nil
}

func (Plugin) Reverse(bytes []byte) ([]byte, error) {
	slices.Reverse(bytes)
	return bytes, nil
}

func (Plugin) NextKind(kind NextKindInput) (NextKindOutput, error) {
	if kind == NextKindInputNote {
		return NextKindOutputToDo, nil
	}
	return NextKindOutputNote, nil
}

func (Plugin) Swap(values List[any]) (List[any], error) {
	slices.Reverse(values)
	return values, nil
}

func (Plugin) Add(numbers List[int64]) (int64, error) {
	var sum int64
	for _, number := range numbers {
		var err error
		if sum, err = CallAddUp(sum, number); err != nil {
			return 0, err
		}
	}
	return sum, nil
}

func (Plugin) Refuse(bytes []byte) ([]byte, error) {
	return nil, fmt.Errorf("refused %d bytes", len(bytes))
}

func main() {}
