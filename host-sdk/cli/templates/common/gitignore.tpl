node_modules/
{{ignored}}
