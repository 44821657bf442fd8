{
  "manifestVersion": 1,
  "name": "{{name}}",
  "version": "0.1.0",
  "description": "Greets by name",
  "engines": { "cordon": "{{cordon}}" },
  "wasm": "{{file}}.wasm",
  "exports": {
    "hello": {
      "description": "Greets by name",
      "input": { "type": "string" },
      "output": { "type": "string" }
    }
  },
  "limits": { "memoryBytes": "16MiB", "timeoutMs": 1000 }
}
