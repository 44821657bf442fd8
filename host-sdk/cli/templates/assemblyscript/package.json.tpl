{
  "private": true,
  "type": "module",
  "scripts": {
    "build": "asc --config asconfig.json",
    "check": "cordon check",
    "dev": "cordon dev --call hello --input Ada",
    "test": "node --test"
  },
  "devDependencies": {
    "assemblyscript": "0.28.20",
    "cordon": "{{cordon}}"
  }
}
