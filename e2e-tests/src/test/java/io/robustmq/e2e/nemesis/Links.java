package io.robustmq.e2e.nemesis;

import io.robustmq.e2e.BrokerCluster;

/** How nodes reach each other. */
interface Links extends BrokerCluster.Placement, AutoCloseable {
    boolean canBeCut();

    /** What one node sends to the other does not arrive; nobody is told. */
    void cut(int from, int to);

    /** What one node sends to the other takes long. */
    void slow(int from, int to);

    /** How many packets were held back since it is slow, as the kernel counts them. */
    long heldBack(int from, int to);

    void heal(int from, int to);

    /** Where what runs beside the clients is reached, by nodes too. */
    String besideClients();

    String describe();

    @Override
    void close();
}
