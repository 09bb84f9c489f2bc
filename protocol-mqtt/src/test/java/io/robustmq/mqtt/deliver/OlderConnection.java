package io.robustmq.mqtt.deliver;

/** A connection whose client has come again by another one: it has to be told, if it is given the session at all. */
final class OlderConnection implements Connection {
    private boolean ended;

    boolean isEnded() {
        return ended;
    }

    @Override
    public void takenOver() {
        ended = true;
    }

    @Override
    public void moved() {
        ended = true;
    }

    @Override
    public void kicked() {
        ended = true;
    }

    @Override
    public SessionInfo.Link link() {
        return SessionInfo.Link.NONE;
    }
}
