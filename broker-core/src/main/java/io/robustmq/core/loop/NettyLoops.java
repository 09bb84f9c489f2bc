package io.robustmq.core.loop;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** All event loops of one Netty group; a channel's loop is found by its event loop. Immutable. */
public final class NettyLoops implements LoopGroup {
    private final List<Loop> loops;
    private final Map<EventLoop, NettyLoop> byEventLoop;

    public NettyLoops(EventLoopGroup group) {
        List<Loop> all = new ArrayList<>();
        Map<EventLoop, NettyLoop> index = new HashMap<>();
        for (EventExecutor executor : group) {
            EventLoop eventLoop = (EventLoop) executor;
            NettyLoop loop = new NettyLoop(eventLoop);
            all.add(loop);
            index.put(eventLoop, loop);
        }
        this.loops = List.copyOf(all);
        this.byEventLoop = Map.copyOf(index);
    }

    @Override
    public List<Loop> loops() {
        return loops;
    }

    public NettyLoop of(EventLoop eventLoop) {
        NettyLoop loop = byEventLoop.get(eventLoop);
        if (loop == null) {
            throw new IllegalArgumentException("not an event loop of this group");
        }
        return loop;
    }
}
