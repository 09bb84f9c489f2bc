package io.robustmq.core.group;

/** By which protocol a group's members agree. */
public enum GroupType {
    CLASSIC("classic"),
    CONSUMER("consumer"),
    SHARE("share");

    private final String text;

    GroupType(String text) {
        this.text = text;
    }

    /** As Kafka's tools show it. */
    public String text() {
        return text;
    }
}
