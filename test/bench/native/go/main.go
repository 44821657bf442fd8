// The Go SDK of Extism (wazero) on the same guests. A line in, "<what> <argument> <ms>", a line out: microseconds.
package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"sort"
	"time"

	extism "github.com/extism/go-sdk"
)

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func measure(ms int, act func()) float64 {
	// The median: a mean has the slices of the processor that others took.
	var times []float64
	for start := time.Now(); time.Since(start) < time.Duration(ms)*time.Millisecond; {
		before := time.Now()
		act()
		times = append(times, time.Since(before).Seconds()*1e6)
	}
	sort.Float64s(times)
	return times[len(times)/2]
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
