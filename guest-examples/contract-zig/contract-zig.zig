//! Every kind of thing that a plugin may do, a function each. The other `contract-` examples do the same in their
//! languages.
const std = @import("std");
const extism = @import("extism.zig");

pub const panic = extism.panic;

extern "extism:host/user" fn lookup(key: extism.Block) extism.Block;

/// The input, as it is.
export fn echo() i32 {
    return run(struct {
        fn f() !void {
            try extism.output(try extism.input());
        }
    }.f);
}

/// How many characters (not bytes) the input has. Input that is not UTF-8 is an error.
export fn count_chars() i32 {
    return run(struct {
        fn f() !void {
            try extism.print("{d}", .{try std.unicode.utf8CountCodepoints(try extism.input())});
        }
    }.f);
}

/// Config: the greeting is the host's business.
export fn greet() i32 {
    return run(struct {
        fn f() !void {
            const greeting: []const u8 = try extism.config("greeting") orelse "Hello";
            try extism.print("{s}, {s}!", .{ greeting, try extism.input() });
        }
    }.f);
}

/// Vars: the host keeps them from call to call, even when the instance is replaced.
export fn count_calls() i32 {
    return run(struct {
        fn f() !void {
            const before = try extism.getVar("calls") orelse "0";
            const after = try std.fmt.allocPrint(extism.memory, "{d}", .{try std.fmt.parseInt(u64, before, 10) + 1});
            extism.setVar("calls", after);
            try extism.output(after);
        }
    }.f);
}

/// Logs the input.
export fn say() i32 {
    return run(struct {
        fn f() !void {
            extism.log(.info, try extism.input());
        }
    }.f);
}

/// Asks the host. Nothing where the host knows nothing.
export fn look_up() i32 {
    return run(struct {
        fn f() !void {
            try extism.output(try extism.take(lookup(extism.give(try extism.input()))) orelse "");
        }
    }.f);
}

/// Reports an error; the instance stays usable.
export fn refuse() i32 {
    extism.begin();
    const input = extism.input() catch return extism.fail("no memory");
    return extism.fail(std.fmt.allocPrint(extism.memory, "refused: {s}", .{input}) catch "refused");
}

/// Traps; the host throws the instance away.
export fn crash() i32 {
    @trap();
}

fn run(body: fn () anyerror!void) i32 {
    extism.begin();
    return extism.result(body());
}
