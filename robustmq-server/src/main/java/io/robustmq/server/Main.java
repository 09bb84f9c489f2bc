package io.robustmq.server;

import io.robustmq.server.cli.RootCommand;

/** The process entry point: {@code --role=all} runs a node, anything else is a command. */
public final class Main {
    /** Settings of Netty that it reads once, when its classes load. An operator's -D wins. */
    private static final String[][] NETTY_DEFAULTS = {
        // The recycler's and allocator's per-thread caches grow with threads; these bounds keep an idle node small.
        {"io.netty.allocator.useCacheForAllThreads", "false"},
        {"io.netty.recycler.maxCapacityPerThread", "1024"},
        {"org.apache.ratis.thirdparty.io.netty.allocator.useCacheForAllThreads", "false"},
        {"org.apache.ratis.thirdparty.io.netty.allocator.numHeapArenas", "0"},
        {"org.apache.ratis.thirdparty.io.netty.allocator.numDirectArenas", "1"},
        {"org.apache.ratis.thirdparty.io.netty.allocator.maxOrder", "3"},
    };

    private Main() {}

    public static void main(String[] args) {
        long startedMs = System.currentTimeMillis();
        for (String[] setting : NETTY_DEFAULTS) {
            if (System.getProperty(setting[0]) == null) {
                System.setProperty(setting[0], setting[1]);
            }
        }
        int code = RootCommand.run(args, startedMs);
        if (code != RootCommand.KEEPS_RUNNING) {
            System.out.flush();
            System.exit(code);
        }
    }
}
