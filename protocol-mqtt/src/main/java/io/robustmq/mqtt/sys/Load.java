package io.robustmq.mqtt.sys;

/** How often something happens per minute, averaged over the last one, five and fifteen minutes. Owned by one loop. */
final class Load {
    private static final double MS_PER_MINUTE = 60_000;
    static final int[] MINUTES = {1, 5, 15};

    private final double[] perMinute = new double[MINUTES.length];
    private double before;

    /** {@code total} happened so far, {@code elapsedMs} after the last call. */
    void update(double total, long elapsedMs) {
        if (elapsedMs <= 0) {
            return;
        }
        double rate = (total - before) * MS_PER_MINUTE / elapsedMs;
        before = total;
        for (int i = 0; i < MINUTES.length; i++) {
            double keeps = Math.exp(-elapsedMs / (MS_PER_MINUTE * MINUTES[i]));
            perMinute[i] = rate + keeps * (perMinute[i] - rate);
        }
    }

    double perMinute(int index) {
        return perMinute[index];
    }
}
