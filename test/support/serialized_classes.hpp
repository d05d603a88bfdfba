// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_SUPPORT_SERIALIZED_CLASSES_HPP
#define PROCPOOL_TEST_SUPPORT_SERIALIZED_CLASSES_HPP

// Classes with each kind of `serialize` that Boost.Serialization supports.

#include <procpool/codec/serialization.hpp>

#include <boost/describe/class.hpp>
#include <boost/serialization/base_object.hpp>
#include <boost/serialization/export.hpp>
#include <boost/serialization/is_bitwise_serializable.hpp>
#include <boost/serialization/map.hpp>
#include <boost/serialization/shared_ptr.hpp>
#include <boost/serialization/split_free.hpp>
#include <boost/serialization/split_member.hpp>
#include <boost/serialization/string.hpp>
#include <boost/serialization/unique_ptr.hpp>
#include <boost/serialization/vector.hpp>
#include <boost/serialization/version.hpp>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace serialized {

/// Private members, a private serialize, and no public default constructor.
class account {
  public:
    account(std::string owner, std::vector<int> moves) : owner_(std::move(owner)), moves_(std::move(moves)) {}
    bool operator==(const account&) const = default;
    int balance() const {
        int sum = 0;
        for (const int each : moves_)
            sum += each;
        return sum;
    }

  private:
    friend class boost::serialization::access;
    account() = default;
    template <class Archive>
    void serialize(Archive& archive, unsigned) {
        archive& owner_& moves_;
    }
    std::string owner_;
    std::vector<int> moves_;
};

/// An aggregate: without its `serialize`, the field `memory` would be sent too.
struct with_memory {
    int value = 0;
    int remembered = -1;
    bool operator==(const with_memory&) const = default;
    template <class Archive>
    void serialize(Archive& archive, unsigned) {
        archive& value;
    }
};

/// Described, but sent by its `serialize`.
struct described {
    std::string kept;
    std::string left_out;
    template <class Archive>
    void serialize(Archive& archive, unsigned) {
        archive& kept;
    }
};
BOOST_DESCRIBE_STRUCT(described, (), (kept, left_out))

/// Sends the version with which it was saved.
struct versioned {
    unsigned saved_with = 0;
    unsigned loaded_with = 0;
    template <class Archive>
    void save(Archive& archive, unsigned version) const {
        archive << version;
    }
    template <class Archive>
    void load(Archive& archive, unsigned version) {
        archive >> saved_with;
        loaded_with = version;
    }
    BOOST_SERIALIZATION_SPLIT_MEMBER()
};

/// Serialized by a function in its own namespace.
struct label {
    std::string text;
    bool operator==(const label&) const = default;
    bool operator<(const label& other) const { return text < other.text; }
};
template <class Archive>
void serialize(Archive& archive, label& value, unsigned) {
    archive& value.text;
}

/// Serialized by functions in the namespace of Boost.Serialization.
class distance {
  public:
    explicit distance(double metres = 0) : metres_(metres) {}
    double metres() const { return metres_; }
    bool operator==(const distance&) const = default;

  private:
    double metres_;
    std::string unit_ = "m";
};

/// Has no default constructor.
class celsius {
  public:
    explicit celsius(double degrees) : degrees_(degrees) {}
    double degrees() const { return degrees_; }

  private:
    double degrees_;
    std::string scale_ = "C";
};
template <class Archive>
void serialize(Archive&, celsius&, unsigned) {}

struct shape {
    virtual ~shape() = default;
    virtual double area() const = 0;
    std::string name;
    template <class Archive>
    void serialize(Archive& archive, unsigned) {
        archive& name;
    }
};
struct square : shape {
    double side = 0;
    double area() const override { return side * side; }
    template <class Archive>
    void serialize(Archive& archive, unsigned) {
        archive& boost::serialization::base_object<shape>(*this);
        archive& side;
    }
};

/// Has pointers to base classes, and two pointers to the same object.
struct drawing {
    std::vector<std::shared_ptr<shape>> shapes;
    std::unique_ptr<shape> frame;
    template <class Archive>
    void serialize(Archive& archive, unsigned) {
        archive& shapes& frame;
    }
};

/// Has raw pointers, which are trivially copyable and would be sent as addresses.
class chain {
  public:
    void add(int value) { first_ = new link{value, first_}; }
    std::vector<int> take() {
        std::vector<int> out;
        while (first_) {
            const std::unique_ptr<link> taken(first_);
            first_ = taken->next;
            out.push_back(taken->value);
        }
        return out;
    }

  private:
    struct link {
        int value;
        link* next;
        template <class Archive>
        void serialize(Archive& archive, unsigned) {
            archive& value& next;
        }
    };
    friend class boost::serialization::access;
    template <class Archive>
    void serialize(Archive& archive, unsigned) {
        archive& first_;
    }
    link* first_ = nullptr;
};

struct bitwise {
    int value = 0;
    int remembered = 0;
    bool operator==(const bitwise&) const = default;
    template <class Archive>
    void serialize(Archive& archive, unsigned) {
        archive& value;
    }
};

/// Its `serialize` is not for archives.
struct to_text {
    int value = 0;
    std::string serialize() const { return std::to_string(value); }
};

} // namespace serialized

BOOST_CLASS_VERSION(serialized::versioned, 3)
BOOST_CLASS_EXPORT(serialized::square)
BOOST_IS_BITWISE_SERIALIZABLE(serialized::bitwise)

BOOST_SERIALIZATION_SPLIT_FREE(serialized::distance)
namespace boost::serialization {

template <class Archive>
void save(Archive& archive, const serialized::distance& value, unsigned) {
    const double metres = value.metres();
    archive << metres;
}
template <class Archive>
void load(Archive& archive, serialized::distance& value, unsigned) {
    double metres = 0;
    archive >> metres;
    value = serialized::distance(metres);
}

template <class Archive>
void save_construct_data(Archive& archive, const serialized::celsius* value, unsigned) {
    const double degrees = value->degrees();
    archive << degrees;
}
template <class Archive>
void load_construct_data(Archive& archive, serialized::celsius* at, unsigned) {
    double degrees = 0;
    archive >> degrees;
    ::new (at) serialized::celsius(degrees);
}

} // namespace boost::serialization

#endif
