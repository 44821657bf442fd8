// Extism for C without a libc: the guest ABI in one header. Copy it into your plugin.
//
// Everything that crosses the border is a block: a piece of memory of the host, known by an offset. `ext_take` brings a
// block in, `ext_give` takes bytes out. What is brought in lies in an arena, which `ext_begin` empties: call that first
// in every export.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EXT_EXPORT(name) __attribute__((export_name(name)))
#define EXT_IMPORT(module, name) __attribute__((import_module(module), import_name(name)))
#define EXT_ENV(name) EXT_IMPORT("extism:host/env", name) extern
#define EXT_USER(name) EXT_IMPORT("extism:host/user", name) extern

typedef uint64_t ext_block; // 0: nothing

EXT_ENV("alloc") ext_block ext_alloc(uint64_t size);
EXT_ENV("free") void ext_free(ext_block block);
EXT_ENV("length") uint64_t ext_length(ext_block block);
EXT_ENV("load_u8") uint32_t ext_load_u8(uint64_t offset);
EXT_ENV("load_u64") uint64_t ext_load_u64(uint64_t offset);
EXT_ENV("store_u8") void ext_store_u8(uint64_t offset, uint32_t byte);
EXT_ENV("store_u64") void ext_store_u64(uint64_t offset, uint64_t word);
EXT_ENV("input_length") uint64_t ext_input_length(void);
EXT_ENV("input_load_u8") uint32_t ext_input_load_u8(uint64_t offset);
EXT_ENV("input_load_u64") uint64_t ext_input_load_u64(uint64_t offset);
EXT_ENV("output_set") void ext_output_set(ext_block block, uint64_t size);
EXT_ENV("error_set") void ext_error_set(ext_block block);
EXT_ENV("config_get") ext_block ext_config_get(ext_block key);
EXT_ENV("var_get") ext_block ext_var_get(ext_block key);
EXT_ENV("var_set") void ext_var_set(ext_block key, ext_block value);
EXT_ENV("log_debug") void ext_log_debug(ext_block message);
EXT_ENV("log_info") void ext_log_info(ext_block message);
EXT_ENV("log_warn") void ext_log_warn(ext_block message);
EXT_ENV("log_error") void ext_log_error(ext_block message);
EXT_ENV("http_request") ext_block ext_http_request(ext_block request, ext_block body);
EXT_ENV("http_status_code") int32_t ext_http_status_code(void);

typedef struct {
  const char *at; // NULL: there is none
  size_t size;
} ext_text;

#define EXT_TEXT(literal) ((ext_text){(literal), sizeof(literal) - 1})

extern unsigned char __heap_base;
static uintptr_t ext_top;

static inline void ext_begin(void) { ext_top = (uintptr_t)&__heap_base; }

/// Memory until the next `ext_begin`; a trap where the host gives no more.
static inline void *ext_memory(size_t size) {
  uintptr_t at = (ext_top + 7) & ~(uintptr_t)7;
  size_t have = __builtin_wasm_memory_size(0) << 16;
  if (size > SIZE_MAX - at - 65535) __builtin_trap();
  if (at + size > have && __builtin_wasm_memory_grow(0, (at + size - have + 65535) >> 16) == SIZE_MAX) __builtin_trap();
  ext_top = at + size;
  return (void *)at;
}

static inline ext_block ext_give(ext_text text) {
  ext_block block = ext_alloc(text.size);
  if (!block) return 0;
  size_t i = 0;
  for (; i + 8 <= text.size; i += 8) {
    uint64_t word;
    __builtin_memcpy(&word, text.at + i, 8);
    ext_store_u64(block + i, word);
  }
  for (; i < text.size; i++) ext_store_u8(block + i, (unsigned char)text.at[i]);
  return block;
}

static inline ext_text ext_take(ext_block block) {
  if (!block) return (ext_text){NULL, 0};
  size_t size = (size_t)ext_length(block), i = 0;
  char *to = ext_memory(size);
  for (; i + 8 <= size; i += 8) {
    uint64_t word = ext_load_u64(block + i);
    __builtin_memcpy(to + i, &word, 8);
  }
  for (; i < size; i++) to[i] = (char)ext_load_u8(block + i);
  return (ext_text){to, size};
}

static inline ext_text ext_input(void) {
  size_t size = (size_t)ext_input_length(), i = 0;
  char *to = ext_memory(size);
  for (; i + 8 <= size; i += 8) {
    uint64_t word = ext_input_load_u64(i);
    __builtin_memcpy(to + i, &word, 8);
  }
  for (; i < size; i++) to[i] = (char)ext_input_load_u8(i);
  return (ext_text){to, size};
}

/// Sets the output. An empty one is left unset, which reads as empty.
static inline void ext_output(ext_text text) {
  if (!text.size) return;
  ext_block block = ext_give(text);
  if (!block) __builtin_trap();
  ext_output_set(block, text.size);
}

/// Reports an error: `return ext_fail(…)` from an export. The instance stays usable.
static inline int32_t ext_fail(ext_text message) {
  ext_block block = ext_give(message);
  if (block) ext_error_set(block);
  return 1;
}

static inline ext_text ext_config(ext_text key) { return ext_take(ext_config_get(ext_give(key))); }
static inline ext_text ext_var(ext_text key) { return ext_take(ext_var_get(ext_give(key))); }
static inline void ext_set_var(ext_text key, ext_text value) { ext_var_set(ext_give(key), ext_give(value)); }
static inline void ext_info(ext_text message) { ext_log_info(ext_give(message)); }

/// The parts one after the other.
static inline ext_text ext_join(const ext_text *parts, size_t count) {
  size_t size = 0;
  for (size_t i = 0; i < count; i++) size += parts[i].size;
  char *to = ext_memory(size), *at = to;
  for (size_t i = 0; i < count; i++)
    for (size_t j = 0; j < parts[i].size; j++) *at++ = parts[i].at[j];
  return (ext_text){to, size};
}

#define EXT_JOIN(...) \
  ext_join((const ext_text[]){__VA_ARGS__}, sizeof((const ext_text[]){__VA_ARGS__}) / sizeof(ext_text))

/// A number in decimal.
static inline ext_text ext_decimal(uint64_t number) {
  char *to = ext_memory(20), *at = to + 20;
  do *--at = (char)('0' + number % 10); while (number /= 10);
  return (ext_text){at, (size_t)(to + 20 - at)};
}
