package io.robustmq.mqtt.home;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Connections to other nodes that stand for a client's. Thread-safe. */
public interface Relay {
    /**
     * What the other node cannot see.
     *
     * @param address the client's
     * @param certificate whom the client's certificate names; empty when it showed none
     */
    record Peer(String address, String certificate) {}

    /**
     * Connects to the node. {@code opened} runs in {@code loop}, which the channel lives in, once what is written to it is taken
     * for what the client sent; with null if that cannot be.
     */
    void open(int node, EventLoop loop, Peer peer, Consumer<@Nullable Channel> opened);
}
