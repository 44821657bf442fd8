// Passes its input on to another plugin, which the config names: a dependency may be called as it is, others have to be
// asked for and granted.
#include "extism.h"

EXT_USER("plugin_call") ext_block plugin_call(ext_block plugin, ext_block fn, ext_block input);

/// Since when this instance lives: with "per-call" it is always 1, with "stateful" it goes up.
static uint32_t calls;

/// Input: anything. Output: what the other plugin makes of it. If that fails, so does this call, with the same error.
EXT_EXPORT("relay") int32_t relay(void) {
  ext_begin();
  ext_text plugin = ext_config(EXT_TEXT("plugin")), fn = ext_config(EXT_TEXT("fn"));
  if (!plugin.size || !fn.size) return ext_fail(EXT_TEXT("config \"plugin\" and \"fn\" have to say what to call"));
  ext_output(ext_take(plugin_call(ext_give(plugin), ext_give(fn), ext_give(ext_input()))));
  return 0;
}

/// Output: how often this instance was asked.
EXT_EXPORT("count") int32_t count(void) {
  ext_begin();
  ext_output(ext_decimal(++calls));
  return 0;
}
