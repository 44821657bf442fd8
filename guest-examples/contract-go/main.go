// Every kind of thing that a plugin may do, a function each. The other contract- examples do the same in their
// languages.
package main

import (
	"errors"
	"strconv"
	"unicode/utf8"

	"github.com/extism/go-pdk"
)

//go:wasmimport extism:host/user lookup
func lookup(key uint64) uint64

// The input, as it is.
//
//go:wasmexport echo
func echo() int32 {
	pdk.Output(pdk.Input())
	return 0
}

// How many characters (not bytes) the input has.
//
//go:wasmexport count_chars
func countChars() int32 {
	pdk.OutputString(strconv.Itoa(utf8.RuneCount(pdk.Input())))
	return 0
}

// Config: the greeting is the host's business.
//
//go:wasmexport greet
func greet() int32 {
	greeting, found := pdk.GetConfig("greeting")
	if !found {
		greeting = "Hello"
	}
	pdk.OutputString(greeting + ", " + pdk.InputString() + "!")
	return 0
}

// Vars: the host keeps them from call to call, even when the instance is replaced.
//
//go:wasmexport count_calls
func countCalls() int32 {
	count := 0
	if before := pdk.GetVar("calls"); before != nil {
		var err error
		if count, err = strconv.Atoi(string(before)); err != nil {
			pdk.SetError(err)
			return 1
		}
	}
	after := strconv.Itoa(count + 1)
	pdk.SetVar("calls", []byte(after))
	pdk.OutputString(after)
	return 0
}

// Logs the input.
//
//go:wasmexport say
func say() int32 {
	pdk.Log(pdk.LogInfo, pdk.InputString())
	return 0
}

// Asks the host. Nothing where the host knows nothing.
//
//go:wasmexport look_up
func lookUp() int32 {
	key := pdk.AllocateString(pdk.InputString())
	defer key.Free()
	if answer := lookup(key.Offset()); answer != 0 {
		block := pdk.FindMemory(answer)
		pdk.Output(block.ReadBytes())
	}
	return 0
}

// Reports an error; the instance stays usable.
//
//go:wasmexport refuse
func refuse() int32 {
	pdk.SetError(errors.New("refused: " + pdk.InputString()))
	return 1
}

// Panics: Go prints what it says to standard error and exits; the host throws the instance away.
//
//go:wasmexport crash
func crash() int32 {
	panic("crash")
}

func main() {}
