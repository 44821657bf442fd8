//! Extism for Zig: the guest ABI. Copy this file into your plugin.
//!
//! Everything that crosses the border is a block: a piece of memory of the host, known by an offset. `take` brings a
//! block in, `give` takes bytes out. What is brought in lies in an arena, which `begin` empties: call that first in
//! every export.
const std = @import("std");

pub const Block = u64; // 0: nothing

const env = struct {
    extern "extism:host/env" fn alloc(size: u64) Block;
    extern "extism:host/env" fn length(block: Block) u64;
    extern "extism:host/env" fn load_u8(offset: u64) u32;
    extern "extism:host/env" fn load_u64(offset: u64) u64;
    extern "extism:host/env" fn store_u8(offset: u64, byte: u32) void;
    extern "extism:host/env" fn store_u64(offset: u64, word: u64) void;
    extern "extism:host/env" fn input_length() u64;
    extern "extism:host/env" fn input_load_u8(offset: u64) u32;
    extern "extism:host/env" fn input_load_u64(offset: u64) u64;
    extern "extism:host/env" fn output_set(block: Block, size: u64) void;
    extern "extism:host/env" fn error_set(block: Block) void;
    extern "extism:host/env" fn config_get(key: Block) Block;
    extern "extism:host/env" fn var_get(key: Block) Block;
    extern "extism:host/env" fn var_set(key: Block, value: Block) void;
    extern "extism:host/env" fn log_debug(message: Block) void;
    extern "extism:host/env" fn log_info(message: Block) void;
    extern "extism:host/env" fn log_warn(message: Block) void;
    extern "extism:host/env" fn log_error(message: Block) void;
    extern "extism:host/env" fn http_request(request: Block, body: Block) Block;
    extern "extism:host/env" fn http_status_code() i32;
};

var arena: std.heap.ArenaAllocator = .init(std.heap.wasm_allocator);

/// Memory for this call, until the next `begin`.
pub const memory: std.mem.Allocator = arena.allocator();

pub fn begin() void {
    _ = arena.reset(.retain_capacity);
}

/// Copies bytes into a new block of the host.
pub fn give(bytes: []const u8) Block {
    const block = env.alloc(bytes.len);
    if (block == 0) return 0;
    var i: usize = 0;
    while (i + 8 <= bytes.len) : (i += 8) env.store_u64(block + i, std.mem.readInt(u64, bytes[i..][0..8], .little));
    while (i < bytes.len) : (i += 1) env.store_u8(block + i, bytes[i]);
    return block;
}

/// Copies a block into the guest's memory; null for offset 0, which is how a host says "nothing".
pub fn take(block: Block) !?[]u8 {
    if (block == 0) return null;
    const bytes = try memory.alloc(u8, @intCast(env.length(block)));
    var i: usize = 0;
    while (i + 8 <= bytes.len) : (i += 8) std.mem.writeInt(u64, bytes[i..][0..8], env.load_u64(block + i), .little);
    while (i < bytes.len) : (i += 1) bytes[i] = @intCast(env.load_u8(block + i));
    return bytes;
}

/// The input of this call.
pub fn input() ![]u8 {
    const bytes = try memory.alloc(u8, @intCast(env.input_length()));
    var i: usize = 0;
    while (i + 8 <= bytes.len) : (i += 8) std.mem.writeInt(u64, bytes[i..][0..8], env.input_load_u64(i), .little);
    while (i < bytes.len) : (i += 1) bytes[i] = @intCast(env.input_load_u8(i));
    return bytes;
}

/// Sets the output. An empty one is left unset, which reads as empty.
pub fn output(bytes: []const u8) !void {
    if (bytes.len == 0) return;
    const block = give(bytes);
    if (block == 0) return error.OutOfMemory;
    env.output_set(block, bytes.len);
}

/// The output, by a format.
pub fn print(comptime format: []const u8, values: anytype) !void {
    try output(try std.fmt.allocPrint(memory, format, values));
}

/// Reports an error: `return fail("…")` from an export. The instance stays usable.
pub fn fail(message: []const u8) i32 {
    const block = give(message);
    if (block != 0) env.error_set(block);
    return 1;
}

/// What an export returns for what its function came to: a Zig error is reported by its name.
pub fn result(outcome: anyerror!void) i32 {
    outcome catch |problem| return fail(@errorName(problem));
    return 0;
}

/// A value of the manifest's `config`, or null.
pub fn config(key: []const u8) !?[]u8 {
    return take(env.config_get(give(key)));
}

/// A var: state that the host keeps for this plugin from call to call.
pub fn getVar(key: []const u8) !?[]u8 {
    return take(env.var_get(give(key)));
}

/// Sets a var; null or an empty value removes it.
pub fn setVar(key: []const u8, value: ?[]const u8) void {
    env.var_set(give(key), if (value) |bytes| give(bytes) else 0);
}

pub const Level = enum { debug, info, warn, err };

pub fn log(level: Level, message: []const u8) void {
    const block = give(message);
    switch (level) {
        .debug => env.log_debug(block),
        .info => env.log_info(block),
        .warn => env.log_warn(block),
        .err => env.log_error(block),
    }
}

pub const Response = struct {
    /// 0 if there was no answer at all.
    status: i32,
    body: []u8,
};

/// Makes an HTTP request. `request` is JSON: `{ "url", "method", "headers" }`.
pub fn http(request: []const u8, body: ?[]const u8) !Response {
    const answer = try take(env.http_request(give(request), if (body) |bytes| give(bytes) else 0));
    return .{ .status = env.http_status_code(), .body = answer orelse &.{} };
}

/// Reports what a panic says, then traps. In the main file: `pub const panic = extism.panic;`
pub const panic = std.debug.FullPanic(struct {
    fn handle(message: []const u8, _: ?usize) noreturn {
        _ = fail(message);
        @trap();
    }
}.handle);
