// Every kind of thing that a plugin may do, a function each. The other `contract-` examples do the same in their
// languages.
#include "extism.h"

EXT_USER("lookup") ext_block lookup(ext_block key);

/// The input, as it is.
EXT_EXPORT("echo") int32_t echo(void) {
  ext_begin();
  ext_output(ext_input());
  return 0;
}

/// How many characters (not bytes) the input has: all bytes but those that continue a character.
EXT_EXPORT("count_chars") int32_t count_chars(void) {
  ext_begin();
  ext_text text = ext_input();
  uint64_t count = 0;
  for (size_t i = 0; i < text.size; i++) count += (text.at[i] & 0xc0) != 0x80;
  ext_output(ext_decimal(count));
  return 0;
}

/// Config: the greeting is the host's business.
EXT_EXPORT("greet") int32_t greet(void) {
  ext_begin();
  ext_text greeting = ext_config(EXT_TEXT("greeting"));
  if (!greeting.at) greeting = EXT_TEXT("Hello");
  ext_output(EXT_JOIN(greeting, EXT_TEXT(", "), ext_input(), EXT_TEXT("!")));
  return 0;
}

/// Vars: the host keeps them from call to call, even when the instance is replaced.
EXT_EXPORT("count_calls") int32_t count_calls(void) {
  ext_begin();
  ext_text before = ext_var(EXT_TEXT("calls"));
  uint64_t count = 0;
  for (size_t i = 0; i < before.size; i++) count = count * 10 + (uint64_t)(before.at[i] - '0');
  ext_text after = ext_decimal(count + 1);
  ext_set_var(EXT_TEXT("calls"), after);
  ext_output(after);
  return 0;
}

/// Logs the input.
EXT_EXPORT("say") int32_t say(void) {
  ext_begin();
  ext_info(ext_input());
  return 0;
}

/// Asks the host. Nothing where the host knows nothing.
EXT_EXPORT("look_up") int32_t look_up(void) {
  ext_begin();
  ext_output(ext_take(lookup(ext_give(ext_input()))));
  return 0;
}

/// Reports an error; the instance stays usable.
EXT_EXPORT("refuse") int32_t refuse(void) {
  ext_begin();
  return ext_fail(EXT_JOIN(EXT_TEXT("refused: "), ext_input()));
}

/// Traps; the host throws the instance away.
EXT_EXPORT("crash") int32_t crash(void) { __builtin_trap(); }
