// A plugin: what is marked with go:wasmexport can be called by its host.
package main

import "github.com/extism/go-pdk"

// Input: a name. Output: a greeting.
//
//go:wasmexport hello
func hello() int32 {
	pdk.OutputString("Hello, " + pdk.InputString() + "!")
	return 0
}

func main() {}
