package io.robustmq.e2e.nemesis;

import io.robustmq.e2e.BrokerProcess;

/** All nodes on 127.0.0.1: nothing can be cut. */
final class LoopbackLinks implements Links {
    @Override
    public void place(int id, BrokerProcess node) {}

    @Override
    public boolean canBeCut() {
        return false;
    }

    @Override
    public void cut(int from, int to) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void slow(int from, int to) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long heldBack(int from, int to) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void heal(int from, int to) {
        throw new UnsupportedOperationException();
    }

    @Override
    public String besideClients() {
        return "127.0.0.1";
    }

    @Override
    public String describe() {
        return "loopback, no links to cut: namespaces are not allowed here";
    }

    @Override
    public void close() {}
}
