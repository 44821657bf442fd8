{
  "private": true,
  "type": "module",
  "scripts": {
    "build": "node build.js",
    "check": "cordon check",
    "dev": "cordon dev --call hello --input Ada",
    "test": "node --test"
  },
  "devDependencies": {
    "cordon": "{{cordon}}"
  }
}
