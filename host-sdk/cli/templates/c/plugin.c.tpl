#include "extism.h"

/// Input: a name. Output: a greeting.
EXT_EXPORT("hello") int32_t hello(void) {
  ext_begin();
  ext_output(EXT_JOIN(EXT_TEXT("Hello, "), ext_input(), EXT_TEXT("!")));
  return 0;
}
