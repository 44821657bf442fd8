// The Go SDK of Extism (wazero) on the same guests. A line in, "<what> <argument> <ms>", a line out: microseconds.
package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"time"

	extism "github.com/extism/go-sdk"
)

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func measure(ms int, act func()) float64 {
	start := time.Now()
	for runs := 1; ; runs++ {
		act()
		if took := time.Since(start); took >= time.Duration(ms)*time.Millisecond {
			return took.Seconds() * 1e6 / float64(runs)
		}
	}
}

func main() {
	ctx := context.Background()
	compile := func(path string) *extism.CompiledPlugin {
		manifest := extism.Manifest{Wasm: []extism.Wasm{extism.WasmFile{Path: path}}}
		plugin, err := extism.NewCompiledPlugin(ctx, manifest, extism.PluginConfig{}, nil)
		must(err)
		return plugin
	}
	start := func(compiled *extism.CompiledPlugin) *extism.Plugin {
		plugin, err := compiled.Instance(ctx, extism.PluginInstanceConfig{})
		must(err)
		return plugin
	}
	call := func(plugin *extism.Plugin, name string, input []byte) []byte {
		_, output, err := plugin.Call(name, input)
		must(err)
		return output
	}
	echo, fresh := compile(os.Args[1]), compile(os.Args[2])
	plugin := start(echo)
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		var what string
		var size, ms int
		_, err := fmt.Sscan(lines.Text(), &what, &size, &ms)
		must(err)
		var took float64
		switch what {
		case "echo":
			input := bytes.Repeat([]byte("x"), size)
			took = measure(ms, func() {
				if len(call(plugin, "echo", input)) != size {
					panic("the echo has another length")
				}
			})
		case "load":
			took = measure(ms, func() { must(start(echo).Close(ctx)) })
		case "fresh":
			took = measure(ms, func() {
				once := start(fresh)
				if !bytes.Equal(call(once, "fresh", nil), []byte{1, 0}) {
					panic("the instance is not fresh")
				}
				must(once.Close(ctx))
			})
		default:
			panic("unknown work " + what)
		}
		fmt.Println(took)
	}
}
