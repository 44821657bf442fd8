// The Rust SDK of Extism (Wasmtime) on the same guests. A line in, "<what> <argument> <ms>", a line out: microseconds.
use extism::{CompiledPlugin, Manifest, Plugin, PluginBuilder, Wasm};
use std::io::{BufRead, Write};
use std::time::Instant;

fn measure(ms: u128, mut act: impl FnMut()) -> f64 {
    let start = Instant::now();
    let mut times = Vec::new();
    while start.elapsed().as_millis() < ms {
        let before = Instant::now();
        act();
        times.push(before.elapsed().as_secs_f64() * 1e6);
    }
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn compile(path: &str) -> CompiledPlugin {
    let bytes = std::fs::read(path).expect("the guest can be read");
    PluginBuilder::new(Manifest::new([Wasm::data(bytes)]))
        .compile()
        .expect("the guest compiles")
}

fn main() {
    let paths: Vec<String> = std::env::args().collect();
    let echo = compile(&paths[1]);
    let fresh = compile(&paths[2]);
    let mut plugin = Plugin::new_from_compiled(&echo).expect("the guest starts");
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("standard input can be read");
        let words: Vec<&str> = line.split(' ').collect();
        let size: usize = words[1].parse().expect("a number");
        let ms: u128 = words[2].parse().expect("a number");
        let took = match words[0] {
            "echo" => {
                let input = vec![b'x'; size];
                measure(ms, || {
                    let out: &[u8] = plugin.call("echo", &input[..]).expect("the call succeeds");
                    assert_eq!(out.len(), size);
                })
            }
            "load" => measure(ms, || {
                Plugin::new_from_compiled(&echo).expect("the guest starts");
            }),
            "fresh" => measure(ms, || {
                let mut once = Plugin::new_from_compiled(&fresh).expect("the guest starts");
                let out: &[u8] = once.call("fresh", "").expect("the call succeeds");
                assert_eq!(out, [1, 0]);
            }),
            other => panic!("unknown work {other}"),
        };
        println!("{took}");
        std::io::stdout().flush().expect("standard output can be written");
    }
}
