# {{name}}

A plugin for hosts that run Cordon, written in {{language}}.

| export  | input  | output     |
| ------- | ------ | ---------- |
| `hello` | a name | a greeting |

## Build and try

Needs Node 20.18 or newer{{needs}}.

```sh
npm install
npm run build    # makes {{file}}.wasm
npm run check    # holds plugin.json and {{file}}.wasm against each other
npm test
npx cordon call . hello --input Ada
npm run dev      # builds and calls again whenever a source changes
```

## What is where

- `plugin.json`: name, version, what the plugin asks for, its limits
- `{{source}}`: the plugin itself
- `test/plugin.test.js`: its tests, in the sandbox that hosts have
