{
  "private": true,
  "type": "module",
  "scripts": {
    "build": "wat2wasm plugin.wat -o {{file}}.wasm",
    "check": "cordon check",
    "dev": "cordon dev --call hello --input Ada",
    "test": "node --test"
  },
  "devDependencies": {
    "cordon": "{{cordon}}",
    "wabt": "1.0.39"
  }
}
