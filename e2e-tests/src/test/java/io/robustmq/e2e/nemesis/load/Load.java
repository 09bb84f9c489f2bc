package io.robustmq.e2e.nemesis.load;

/** Somebody who works until told to stop. */
public interface Load {
    String name();

    /** How much was done so far: it has to rise again whenever all is well. */
    long progress();

    /** Returns when nothing of it is under way any more. */
    void stop();
}
