{
  "entries": ["assembly/index.ts"],
  "options": {
    "outFile": "{{file}}.wasm",
    "use": ["abort=assembly/extism/abort"],
    "runtime": "incremental",
    "optimizeLevel": 3,
    "shrinkLevel": 1
  }
}
