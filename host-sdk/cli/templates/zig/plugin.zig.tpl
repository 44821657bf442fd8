const extism = @import("extism.zig");

pub const panic = extism.panic;

/// Input: a name. Output: a greeting.
export fn hello() i32 {
    extism.begin();
    return extism.result(greet());
}

fn greet() !void {
    try extism.print("Hello, {s}!", .{try extism.input()});
}
