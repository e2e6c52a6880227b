/* latencies.h: how long calls took, counted in buckets of at most 1.6 % width. For one thread, or behind a lock.
 * The benchmark's C client counts in the same way (ours/latencies.h). */
#pragma once

#include <cstdint>
#include <vector>

class Latencies
{
  public:
    void add(uint64_t ns)
    {
        ++counts_[bucket(ns)];
        ++total_;
    }

    void merge(const Latencies &other)
    {
        for (size_t i = 0; i < counts_.size(); i++)
            counts_[i] += other.counts_[i];
        total_ += other.total_;
    }

    uint64_t total() const
    {
        return total_;
    }

    // The middle of the bucket in which that part of all calls is reached, in microseconds.
    double quantile_us(double part) const
    {
        uint64_t seen = 0;
        for (size_t i = 0; i < counts_.size(); i++) {
            seen += counts_[i];
            if (seen > 0 && (double)seen >= part * (double)total_)
                return middle_ns(i) / 1000;
        }
        return 0;
    }

  private:
    static constexpr int kSteps = 64; // of a doubling

    static size_t bucket(uint64_t ns)
    {
        if (ns < kSteps)
            return ns;
        int shift = 63 - __builtin_clzll(ns) - 6;
        return (size_t)(shift + 1) * kSteps + ((ns >> shift) - kSteps);
    }

    static double middle_ns(size_t i)
    {
        if (i < kSteps)
            return (double)i;
        int shift = (int)(i / kSteps) - 1;
        return ((double)(kSteps + i % kSteps) + 0.5) * (double)(1ull << shift);
    }

    std::vector<uint64_t> counts_ = std::vector<uint64_t>(60 * kSteps);
    uint64_t              total_ = 0;
};
