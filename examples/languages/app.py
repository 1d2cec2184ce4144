import time

print("python is up")
while True:
    time.sleep(10)
    print("python is still up")
