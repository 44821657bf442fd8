//! A journal that survives its own updates: state in a var, and the hooks around it.
const std = @import("std");
const extism = @import("extism.zig");

pub const panic = extism.panic;

/// Calls since this instance was started. It is in the instance's memory, and ends with it.
var since_start: u32 = 0;

/// Input: an entry. Output: how many entries there are, and how many were made since the start.
export fn write() i32 {
    extism.begin();
    return extism.result(append());
}

fn append() !void {
    const entry = try extism.input();
    if (entry.len == 0) return error.EmptyEntry;
    const before: []const u8 = try extism.getVar("journal") orelse "";
    const after = try std.fmt.allocPrint(extism.memory, "{s}{s}\n", .{ before, entry });
    extism.setVar("journal", after);
    since_start += 1;
    try extism.print("{d} in all, {d} since the start", .{ std.mem.count(u8, after, "\n"), since_start });
}

/// Output: all entries, a line each.
export fn read() i32 {
    extism.begin();
    return extism.result(all());
}

fn all() !void {
    try extism.output(try extism.getVar("journal") orelse "");
}

/// Runs in every instance before its first call. An error here, and the plugin is not loaded.
export fn on_activate() i32 {
    extism.begin();
    extism.log(.info, "opened");
    return 0;
}

/// Runs before an unload, in every live instance.
export fn on_deactivate() i32 {
    extism.begin();
    extism.log(.info, "closed");
    return 0;
}

/// Runs when this version takes over from another one. Input: `{"fromVersion":"…"}`. Version 0 separated its entries by
/// semicolons. An error here, and the other version stays.
export fn migrate() i32 {
    extism.begin();
    return extism.result(convert());
}

fn convert() !void {
    const From = struct { fromVersion: []const u8 };
    const from = try std.json.parseFromSliceLeaky(From, extism.memory, try extism.input(), .{ .ignore_unknown_fields = true });
    if (!std.mem.startsWith(u8, from.fromVersion, "0.")) return;
    const journal = try extism.getVar("journal") orelse return;
    std.mem.replaceScalar(u8, journal, ';', '\n');
    extism.setVar("journal", journal);
    extism.log(.info, try std.fmt.allocPrint(extism.memory, "converted from {s}", .{from.fromVersion}));
}
